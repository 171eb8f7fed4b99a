"""F9: reports that are made by themselves, and mailed to who subscribed."""
