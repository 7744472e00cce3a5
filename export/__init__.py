"""Train models and export them as voices. The telemetry of onnxruntime is off, as in the runtime.

From 1.29 on, onnxruntime's Linux builds send usage reports to their maker and store a device
identifier and a database below the home folder, unless this variable is set before they are loaded:
https://github.com/microsoft/onnxruntime/pull/27379.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
