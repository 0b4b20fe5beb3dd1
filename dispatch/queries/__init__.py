"""What is looked at: read only, frozen rows out. Nothing here writes, decides or speaks HTTP."""
