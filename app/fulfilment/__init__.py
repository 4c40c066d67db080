"""After the order: what a confirmed, paid, shipped or cancelled order sets off; the one floor where all of it meets."""
