"""One ability each, callable without a graph."""

import os

# Since 1.29 ONNX Runtime reports to its maker what machine it is and which models run, by connections of its own that nothing
# in Python sees. It asks this once, when it begins, whoever imports it, so it is said before any tool can.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
