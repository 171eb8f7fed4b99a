"""The administrator's pages: how the desk itself is doing, and where it is set up."""
