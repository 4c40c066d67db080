"""Has PDFs judged by veraPDF, which the makers of the standard's test files wrote."""
