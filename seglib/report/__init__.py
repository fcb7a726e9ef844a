"""Executed notebooks become a report: run the steps, draw the pages, publish in one rename."""
