"""Beginning a study: look at a file and propose a plan for it, or fetch a public data set."""
