"""Tests of what moves files, against real servers, disks and faults."""
