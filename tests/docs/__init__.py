"""The documentation: what its pages say is run, and the site is built and looked at."""
