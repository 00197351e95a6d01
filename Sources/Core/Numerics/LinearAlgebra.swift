/// Dense solvers in Double for statistics: covariances, ridge regressions, principal components.
package enum LinearAlgebra {
    /// The lower Cholesky factor L of a symmetric positive definite A = L·Lᵀ, (n, n); nil when A is not positive
    /// definite to working precision.
    package static func cholesky(_ a: Matrix<Double>) -> Matrix<Double>? {
        precondition(a.rows == a.columns, "cholesky: expected a square matrix, got (\(a.rows), \(a.columns))")
        let n = a.rows
        var l = Matrix<Double>(rows: n, columns: n)
        for j in 0..<n {
            var diagonal = a[j, j]
            for k in 0..<j { diagonal -= l[j, k] * l[j, k] }
            guard diagonal > 0, diagonal.isFinite else { return nil }
            let root = diagonal.squareRoot()
            l[j, j] = root
            for i in j + 1..<max(n, j + 1) {
                var sum = a[i, j]
                for k in 0..<j { sum -= l[i, k] * l[j, k] }
                l[i, j] = sum / root
            }
        }
        return l
    }

    /// The inverse of a lower triangular matrix, lower triangular too.
    package static func inverseOfLower(_ l: Matrix<Double>) -> Matrix<Double> {
        let n = l.rows
        var inverse = Matrix<Double>(rows: n, columns: n)
        for column in 0..<n {
            inverse[column, column] = 1 / l[column, column]
            for row in column + 1..<max(n, column + 1) {
                var sum = 0.0
                for k in column..<row { sum += l[row, k] * inverse[k, column] }
                inverse[row, column] = -sum / l[row, row]
            }
        }
        return inverse
    }

    /// The solution X of A·X = B for symmetric positive definite A (n, n), B (n, m); nil when A is not.
    package static func solve(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double>? {
        guard let l = cholesky(a) else { return nil }
        let n = a.rows
        var x = b
        for column in 0..<b.columns {
            for row in 0..<n {
                var sum = x[row, column]
                for k in 0..<row { sum -= l[row, k] * x[k, column] }
                x[row, column] = sum / l[row, row]
            }
            for row in stride(from: n - 1, through: 0, by: -1) {
                var sum = x[row, column]
                for k in row + 1..<max(n, row + 1) { sum -= l[k, row] * x[k, column] }
                x[row, column] = sum / l[row, row]
            }
        }
        return x
    }

    /// Eigenvalues, descending, and eigenvectors as columns of a symmetric matrix, by cyclic Jacobi rotations.
    package static func eigen(_ a: Matrix<Double>) -> (values: [Double], vectors: Matrix<Double>) {
        precondition(a.rows == a.columns, "eigen: expected a square matrix, got (\(a.rows), \(a.columns))")
        let n = a.rows
        var s = a
        var v = Matrix<Double>(rows: n, columns: n)
        for index in 0..<n { v[index, index] = 1 }
        for _ in 0..<60 {
            var off = 0.0
            var diagonal = 0.0
            for row in 0..<n {
                diagonal += s[row, row] * s[row, row]
                for column in 0..<row { off += s[row, column] * s[row, column] }
            }
            if off <= 1e-22 * (diagonal + off) { break }
            for p in 0..<n {
                for q in p + 1..<max(n, p + 1) {
                    rotate(&s, &v, p, q)
                }
            }
        }
        let order = (0..<n).sorted { s[$0, $0] > s[$1, $1] }
        var vectors = Matrix<Double>(rows: n, columns: n)
        for (column, source) in order.enumerated() {
            for row in 0..<n { vectors[row, column] = v[source, row] }
        }
        return (order.map { s[$0, $0] }, vectors)
    }

    /// The greatest `count` eigenvalues, descending, and their eigenvectors as columns (n, count) of a symmetric positive
    /// semidefinite matrix, by subspace iteration with a few spare directions and a Rayleigh–Ritz step.
    package static func leadingEigen(
        _ a: Matrix<Double>, count: Int, using random: inout RandomSource
    ) -> (values: [Double], vectors: Matrix<Double>) {
        precondition(a.rows == a.columns && count <= a.rows, "leadingEigen: expected a square matrix and count <= n")
        let n = a.rows
        let width = min(n, count + 16)
        var basis = Matrix<Double>(rows: width, columns: n)  // one direction per row
        for index in basis.storage.indices { basis.storage[index] = random.normal() }
        orthonormalise(&basis)
        for _ in 0..<60 {
            basis = product(basis, a)
            orthonormalise(&basis)
        }
        let small = product(product(basis, a), basis, transposeB: true)
        let (values, rotation) = eigen(small)
        let vectors = product(basis, transposeA: true, rotation)
        var kept = Matrix<Double>(rows: n, columns: count)
        for row in 0..<n {
            for column in 0..<count { kept[row, column] = vectors[row, column] }
        }
        return (values.prefix(count).map { max(0, $0) }, kept)
    }

    /// Modified Gram–Schmidt on the rows, twice; a row that vanishes becomes zero.
    private static func orthonormalise(_ basis: inout Matrix<Double>) {
        let n = basis.columns
        let count = basis.rows
        basis.storage.withUnsafeMutableBufferPointer { q in
            for row in 0..<count {
                for _ in 0..<2 {
                    for other in 0..<row {
                        var dot = 0.0
                        for k in 0..<n { dot += q[row * n + k] * q[other * n + k] }
                        for k in 0..<n { q[row * n + k] -= dot * q[other * n + k] }
                    }
                }
                var square = 0.0
                for k in 0..<n { square += q[row * n + k] * q[row * n + k] }
                let scale = square > 1e-300 ? 1 / square.squareRoot() : 0
                for k in 0..<n { q[row * n + k] *= scale }
            }
        }
    }

    /// One Jacobi rotation that zeroes s[p, q]; `v` holds eigenvectors as rows, so that both updates run along rows.
    private static func rotate(_ s: inout Matrix<Double>, _ v: inout Matrix<Double>, _ p: Int, _ q: Int) {
        let n = s.rows
        let spq = s[p, q]
        guard spq != 0 else { return }
        let theta = (s[q, q] - s[p, p]) / (2 * spq)
        let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let sine = t * c
        s.storage.withUnsafeMutableBufferPointer { s in
            for k in 0..<n {
                let x = s[k * n + p]
                let y = s[k * n + q]
                s[k * n + p] = c * x - sine * y
                s[k * n + q] = sine * x + c * y
            }
            for k in 0..<n {
                let x = s[p * n + k]
                let y = s[q * n + k]
                s[p * n + k] = c * x - sine * y
                s[q * n + k] = sine * x + c * y
            }
        }
        v.storage.withUnsafeMutableBufferPointer { v in
            for k in 0..<n {
                let x = v[p * n + k]
                let y = v[q * n + k]
                v[p * n + k] = c * x - sine * y
                v[q * n + k] = sine * x + c * y
            }
        }
    }
}
