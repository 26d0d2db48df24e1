"""The engine of the form: values, what is shown, what is missing, from edition to edition."""
