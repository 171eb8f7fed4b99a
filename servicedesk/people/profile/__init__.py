"""What people say of themselves: language, zone, deputy, absence, password."""
