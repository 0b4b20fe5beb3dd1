"""The doors: HTTP in, page out. One door an audience; no decisions here."""
