"""What a network is: neurons, stimuli, lesions, populations and who may listen to whom."""
