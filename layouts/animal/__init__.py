"""Pictures of a model beside a recorded cell: measured solid and black, simulated coloured and dashed."""
