"""Moving in from a management ledger (管理台帳): a spreadsheet becomes a history."""
