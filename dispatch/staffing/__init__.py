"""What people set up: accounts, sessions, crews, the coordinator's numbers. Reports are not here."""
