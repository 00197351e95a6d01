// Predict
