"""The composing half. Its library keeps its records to itself.

From 1.29 on, onnxruntime's Linux builds report what they run to their maker and keep a device
identifier and a database below the home folder, unless told otherwise before they are loaded:
https://github.com/microsoft/onnxruntime/pull/27379. An appliance does neither.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
