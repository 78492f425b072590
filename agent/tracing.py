"""Traces of what runs, off unless a setting asks for them: to LangSmith, or to any collector that takes OTLP over HTTP.

LangChain sends traces to LangSmith as soon as an environment variable says so. Here the setting decides alone, so that a
variable that was set for another program sends nothing.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

from stores.errors import ConfigError

if TYPE_CHECKING:
    from agent.settings import TracingSettings

# Every name by which LangSmith can be switched on; the first that is set decides.
_SWITCHES = ("LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGCHAIN_TRACING")


def begin(settings: "TracingSettings") -> None:
    """Send traces where the settings say, from now on.

    Raises:
        ConfigError: the extra is not installed, or the address cannot be used.
    """
    for switch in _SWITCHES:
        os.environ[switch] = "true" if settings.langsmith else "false"
    if settings.otlp:
        _send_to(settings.otlp)


@cache
def _send_to(address: str) -> None:
    """Instrument LangChain once for an address; spans go out in batches, and what is left at the end of the process."""
    if not address.startswith(("http://", "https://")):
        raise ConfigError(
            f"{address!r} is no address",
            where="setting tracing.otlp",
            hint="Write it like http://127.0.0.1:4318/v1/traces",
        )
    try:
        from openinference.instrumentation.langchain import LangChainInstrumentor
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigError(
            f"needs a package that is not installed ({error.name})",
            where="setting tracing.otlp",
            hint="pip install 'quodvide[tracing]'",
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "quodvide"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
    LangChainInstrumentor().instrument(tracer_provider=provider)
