"""A file for each tool's own way of reading recipes. A target turns recipes into files, and writes none."""
