import Foundation
import Numerics

// `make bench`: what this machine's BLAS gives, and how close the network's passes come to it. The machine may be
// shared: what is compared is measured in turns within one run, and the median of the turns is printed.

let options = BenchOptions(CommandLine.arguments.dropFirst())
do {
    try OpenBLAS.check()
} catch {
    complain(error.description)
    exit(1)
}
guard CPU.meetsBaseline else {
    complain("expected a CPU with AVX2, FMA and BMI2 (x86-64-v3), got \(CPU.name)")
    exit(1)
}
Report(options).print()
