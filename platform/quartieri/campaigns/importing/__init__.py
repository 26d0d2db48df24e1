"""Reading tables that officials bring in: pledges given outside, totals of another platform."""
