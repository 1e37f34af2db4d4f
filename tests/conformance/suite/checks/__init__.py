"""One check a file. Each takes a line to write its findings on, and never prints."""
