"""Starting, watching and stopping the service and the embedded servers."""
