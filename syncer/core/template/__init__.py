"""What 台账设置 says, compiled, and what a changed one changes."""
