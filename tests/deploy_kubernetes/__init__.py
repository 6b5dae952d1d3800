"""Tests of what a project describes for Kubernetes, and of what its tool does there."""
