"""Projects of earlier releases, brought up to date; and the release itself."""
