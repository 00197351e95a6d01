/// Planes (C, H, W) as a network reads them: (value − mean) / deviation of each channel.
///
/// Traps unless the planes are as many as the means and the deviations, all of one size.
package func normalisedPlanes(_ planes: [Float], mean: [Float], deviation: [Float]) -> [Float] {
    let channels = mean.count
    precondition(
        channels > 0 && deviation.count == channels && planes.count % channels == 0,
        "normalisedPlanes: expected planes of \(channels) channels, got \(planes.count) numbers, \(deviation.count) deviations"
    )
    let size = planes.count / channels
    var result = planes
    for channel in 0..<channels {
        let (shift, spread) = (mean[channel], deviation[channel])
        for index in channel * size..<(channel + 1) * size { result[index] = (planes[index] - shift) / spread }
    }
    return result
}
