// Defects
