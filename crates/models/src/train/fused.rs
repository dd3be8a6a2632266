//! The network's non-linear steps as single passes with hand-written gradients.
//!
//! Composed of candle's elementary operations they take most of a training step on a CPU, because each is its own pass over
//! memory on one core. The tests hold every gradient against the composed form.
use candle_core::{bail, CpuStorage, CustomOp1, CustomOp2, Device, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;
use std::sync::Arc;

/// Elements that one parallel task takes at least.
const TASK: usize = 1 << 14;

/// The elements of a contiguous f32 tensor within its storage.
fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&f32::cpu_storage_as_slice(storage)?[start..end]),
        None => bail!("a fused operation needs a contiguous input"),
    }
}

fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

fn rows_per_task(width: usize) -> usize {
    (TASK / width.max(1)).max(1)
}

/// Softmax of scaled attention scores `[.., rows, window]`, where row `r` sees the first `r % window + 1` columns.
pub(super) struct CausalSoftmax {
    pub(super) scale: f32,
    pub(super) window: usize,
}

impl CustomOp1 for CausalSoftmax {
    fn name(&self) -> &'static str {
        "causal-softmax"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let scores = slice(storage, layout)?;
        let window = self.window;
        let mut result = vec![0f32; scores.len()];
        let rows = result.par_chunks_mut(window).zip(scores.par_chunks(window)).enumerate();
        rows.with_min_len(rows_per_task(window))
            .for_each(|(row, (result, scores))| {
                let seen = row % window + 1;
                let max = scores[..seen].iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let mut sum = 0f32;
                for (result, score) in result[..seen].iter_mut().zip(scores) {
                    *result = ((score - max) * self.scale).exp();
                    sum += *result;
                }
                result[..seen].iter_mut().for_each(|result| *result /= sum);
            });
        Ok((CpuStorage::F32(result), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, result: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let window = self.window;
        let (probabilities, mut gradients) = (values(result)?, values(gradient)?);
        let rows = gradients
            .par_chunks_mut(window)
            .zip(probabilities.par_chunks(window))
            .enumerate();
        rows.with_min_len(rows_per_task(window))
            .for_each(|(row, (gradients, probabilities))| {
                let seen = row % window + 1;
                let mean: f32 = gradients[..seen].iter().zip(probabilities).map(|(g, p)| g * p).sum();
                for (gradient, probability) in gradients[..seen].iter_mut().zip(probabilities) {
                    *gradient = self.scale * probability * (*gradient - mean);
                }
                gradients[seen..].fill(0.0);
            });
        Tensor::from_vec(gradients, result.shape(), &Device::Cpu).map(Some)
    }
}

/// Mean cross-entropy, in nats, of the targets given logits `[targets, vocabulary]`; a scalar.
pub(super) struct CrossEntropy {
    pub(super) targets: Arc<Vec<u32>>,
}

impl CrossEntropy {
    fn width(&self, logits: usize) -> usize {
        logits / self.targets.len()
    }
}

/// The largest logit of a row and the sum of exponentials below it.
fn log_partition(row: &[f32]) -> (f32, f32) {
    let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (max, row.iter().map(|logit| (logit - max).exp()).sum())
}

impl CustomOp1 for CrossEntropy {
    fn name(&self) -> &'static str {
        "fused-cross-entropy"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let logits = slice(storage, layout)?;
        let rows = logits.par_chunks(self.width(logits.len())).zip(self.targets.par_iter());
        let total: f64 = rows
            .map(|(row, target)| {
                let (max, sum) = log_partition(row);
                f64::from(max + sum.ln() - row[*target as usize])
            })
            .sum();
        Ok((
            CpuStorage::F32(vec![(total / self.targets.len() as f64) as f32]),
            Shape::from(()),
        ))
    }

    fn bwd(&self, logits: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let mut gradients = values(logits)?;
        let width = self.width(gradients.len());
        let scale = gradient.to_scalar::<f32>()? / self.targets.len() as f32;
        gradients
            .par_chunks_mut(width)
            .zip(self.targets.par_iter())
            .for_each(|(row, target)| {
                let (max, sum) = log_partition(row);
                row.iter_mut()
                    .for_each(|value| *value = scale * ((*value - max).exp() / sum));
                row[*target as usize] -= scale;
            });
        Tensor::from_vec(gradients, logits.shape(), &Device::Cpu).map(Some)
    }
}

/// Each row of the first input over its root mean square, times the second input.
pub(super) struct RmsNorm {
    pub(super) epsilon: f32,
}

impl RmsNorm {
    fn inverse_root(&self, row: &[f32]) -> f32 {
        (row.iter().map(|value| value * value).sum::<f32>() / row.len() as f32 + self.epsilon)
            .sqrt()
            .recip()
    }
}

impl CustomOp2 for RmsNorm {
    fn name(&self) -> &'static str {
        "fused-rms-norm"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (input, weight) = (slice(s1, l1)?, slice(s2, l2)?);
        let width = weight.len();
        let mut result = vec![0f32; input.len()];
        let rows = result.par_chunks_mut(width).zip(input.par_chunks(width));
        rows.with_min_len(rows_per_task(width)).for_each(|(result, input)| {
            let inverse = self.inverse_root(input);
            for ((result, value), weight) in result.iter_mut().zip(input).zip(weight) {
                *result = value * inverse * weight;
            }
        });
        Ok((CpuStorage::F32(result), l1.shape().clone()))
    }

    fn bwd(&self, a: &Tensor, w: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (input, weight, mut gradients) = (values(a)?, values(w)?, values(gradient)?);
        let width = weight.len();
        let mut weight_gradient = vec![0f32; width];
        for (gradients, input) in gradients.chunks_mut(width).zip(input.chunks(width)) {
            let inverse = self.inverse_root(input);
            let mut along = 0f32;
            for index in 0..width {
                weight_gradient[index] += gradients[index] * input[index] * inverse;
                gradients[index] *= weight[index];
                along += gradients[index] * input[index];
            }
            let along = along * inverse * inverse / width as f32;
            for (gradient, value) in gradients.iter_mut().zip(input) {
                *gradient = inverse * (*gradient - value * along);
            }
        }
        let input = Tensor::from_vec(gradients, a.shape(), &Device::Cpu)?;
        Ok((
            Some(input),
            Some(Tensor::from_vec(weight_gradient, width, &Device::Cpu)?),
        ))
    }
}

/// `silu(gate) * up`, element by element.
pub(super) struct SwiGlu;

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

impl CustomOp2 for SwiGlu {
    fn name(&self) -> &'static str {
        "fused-swiglu"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (gate, up) = (slice(s1, l1)?, slice(s2, l2)?);
        let pairs = gate.par_iter().zip(up).with_min_len(TASK);
        let result = pairs.map(|(gate, up)| gate * sigmoid(*gate) * up).collect();
        Ok((CpuStorage::F32(result), l1.shape().clone()))
    }

    fn bwd(&self, a: &Tensor, b: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (mut gate, mut up, gradients) = (values(a)?, values(b)?, values(gradient)?);
        let pairs = gate
            .par_iter_mut()
            .zip(up.par_iter_mut())
            .zip(gradients.par_iter())
            .with_min_len(TASK);
        pairs.for_each(|((gate, up), gradient)| {
            let (value, sigmoid) = (*gate, sigmoid(*gate));
            *gate = gradient * *up * sigmoid * (1.0 + value * (1.0 - sigmoid));
            *up = gradient * value * sigmoid;
        });
        let gate = Tensor::from_vec(gate, a.shape(), &Device::Cpu)?;
        Ok((Some(gate), Some(Tensor::from_vec(up, b.shape(), &Device::Cpu)?)))
    }
}

/// Rotary positions of `[batch, heads, window, width]`: the two halves of each head, as pairs, turned by the position's angles.
pub(super) struct Rotary {
    /// Cosines, `window * width / 2`.
    pub(super) cos: Arc<Vec<f32>>,
    /// Sines, as many.
    pub(super) sin: Arc<Vec<f32>>,
    pub(super) window: usize,
    pub(super) width: usize,
}

impl Rotary {
    /// Turns in place, backwards if `direction` is -1.
    fn turn(&self, values: &mut [f32], direction: f32) {
        let half = self.width / 2;
        let rows = values
            .par_chunks_mut(self.width)
            .enumerate()
            .with_min_len(rows_per_task(self.width));
        rows.for_each(|(row, head)| {
            let angles = row % self.window * half;
            let (first, second) = head.split_at_mut(half);
            for index in 0..half {
                let (cos, sin) = (self.cos[angles + index], self.sin[angles + index] * direction);
                let (x, y) = (first[index], second[index]);
                first[index] = x * cos - y * sin;
                second[index] = y * cos + x * sin;
            }
        });
    }
}

impl CustomOp1 for Rotary {
    fn name(&self) -> &'static str {
        "fused-rotary"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut result = slice(storage, layout)?.to_vec();
        self.turn(&mut result, 1.0);
        Ok((CpuStorage::F32(result), layout.shape().clone()))
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let mut gradients = values(gradient)?;
        self.turn(&mut gradients, -1.0);
        Tensor::from_vec(gradients, input.shape(), &Device::Cpu).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::SplitMix64;
    use super::*;
    use candle_core::{Var, D};

    fn noise(seed: u64, shape: &[usize]) -> Var {
        let values = SplitMix64::new(seed).normals(shape.iter().product(), 1.0);
        Var::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    /// Fused and composed results, and the gradients of a random projection of them, agree.
    fn assert_same(fused: &Tensor, composed: &Tensor, inputs: &[&Var]) {
        let weights = noise(99, composed.dims());
        let close = |a: &Tensor, b: &Tensor| {
            for (a, b) in values(a).unwrap().iter().zip(values(b).unwrap()) {
                assert!((a - b).abs() < 1e-4 * b.abs().max(1.0), "{a} is not {b}");
            }
        };
        close(fused, composed);
        let gradients = [fused, composed].map(|result| {
            (result * weights.as_tensor())
                .unwrap()
                .sum_all()
                .unwrap()
                .backward()
                .unwrap()
        });
        for input in inputs {
            close(gradients[0].get(input).unwrap(), gradients[1].get(input).unwrap());
        }
    }

    #[test]
    fn causal_softmax_equals_a_masked_softmax() {
        let scores = noise(1, &[3, 8, 4]);
        let mask: Vec<f32> = (0..32).map(|i| if i % 4 > i / 4 % 4 { -1e9 } else { 0.0 }).collect();
        let mask = Tensor::from_vec(mask, (8, 4), &Device::Cpu).unwrap();
        let masked = (scores.as_tensor() * 0.3).unwrap().broadcast_add(&mask).unwrap();
        let composed = candle_nn::ops::softmax(&masked, D::Minus1).unwrap();
        assert_same(
            &scores.apply_op1(CausalSoftmax { scale: 0.3, window: 4 }).unwrap(),
            &composed,
            &[&scores],
        );
    }

    #[test]
    fn cross_entropy_equals_the_composed_one() {
        let logits = noise(2, &[5, 7]);
        let targets = Tensor::from_vec(vec![0u32, 6, 3, 3, 1], 5, &Device::Cpu).unwrap();
        let composed = candle_nn::loss::cross_entropy(&logits, &targets).unwrap();
        let fused = logits
            .apply_op1(CrossEntropy {
                targets: Arc::new(targets.to_vec1().unwrap()),
            })
            .unwrap();
        assert_same(&fused, &composed, &[&logits]);
    }

    #[test]
    fn rms_norm_equals_the_composed_one() {
        let (input, weight) = (noise(3, &[4, 6]), noise(4, &[6]));
        let composed = candle_nn::ops::rms_norm_slow(&input, &weight, 1e-5).unwrap();
        assert_same(
            &input.apply_op2(&weight, RmsNorm { epsilon: 1e-5 }).unwrap(),
            &composed,
            &[&input, &weight],
        );
    }

    #[test]
    fn swiglu_equals_the_composed_one() {
        let (gate, up) = (noise(5, &[4, 6]), noise(6, &[4, 6]));
        let composed = (gate.silu().unwrap() * up.as_tensor()).unwrap();
        assert_same(&gate.apply_op2(&up, SwiGlu).unwrap(), &composed, &[&gate, &up]);
    }

    #[test]
    fn rotary_equals_the_composed_one() {
        let input = noise(7, &[2, 3, 5, 8]);
        let angles = noise(8, &[5, 4]);
        let (cos, sin) = (angles.cos().unwrap().detach(), angles.sin().unwrap().detach());
        let composed = candle_nn::rotary_emb::rope_slow(&input, &cos, &sin).unwrap();
        let (cos, sin) = (Arc::new(values(&cos).unwrap()), Arc::new(values(&sin).unwrap()));
        assert_same(
            &input
                .apply_op1(Rotary {
                    cos,
                    sin,
                    window: 5,
                    width: 8,
                })
                .unwrap(),
            &composed,
            &[&input],
        );
    }
}
