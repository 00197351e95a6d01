// C shims around libpng and libjpeg
