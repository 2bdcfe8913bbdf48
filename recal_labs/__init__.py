"""recal_labs: urinary neurotransmitter metabolite panels, related to outcomes, with their limits beside them."""
