"""Several hosts that train one model together, as processes of this machine and as containers."""
