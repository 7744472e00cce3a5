"""The web panel: a process that shows the stream to browsers and forwards their requests."""
