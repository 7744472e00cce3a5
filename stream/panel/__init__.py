"""The web panel: a process of its own that shows the stream to browsers and takes their wishes."""
