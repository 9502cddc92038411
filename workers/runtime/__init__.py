"""What every task of every kind runs on: claim, perform, record. It knows no operation but by its name."""
