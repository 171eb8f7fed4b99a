"""Where web servers and `flask` find the application."""

from servicedesk.app import create_app

app = create_app()
