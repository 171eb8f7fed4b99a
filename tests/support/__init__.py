"""What the tests stand on: a database server, a browser, the served desk."""
