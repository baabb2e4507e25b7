"""What importing takes: a new interpreter each time."""


class Import:
    def timeraw_numpy(self):
        return "import numpy"

    def timeraw_fxtypes(self):
        return "import fxtypes"

    def timeraw_fxtypes_nn(self):
        return "import fxtypes_nn"
