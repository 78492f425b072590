"""Training and measuring the check of answer sentences against their quotations."""
