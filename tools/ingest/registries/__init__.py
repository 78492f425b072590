"""Read canonical records of organizations, funders, people, topics and countries from the files of their registries."""

from tools.ingest.registries.reader import KINDS, ReadAuthority, read_authorities

__all__ = ["KINDS", "ReadAuthority", "read_authorities"]
