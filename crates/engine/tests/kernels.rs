//! What models rely on in the kernels: results are right, equal on every instruction set, and a row's own.
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Tensor};
use half::{bf16, f16};
use laurel_engine::kernels::{
    activate, linear, normalise, with_isa, with_threads, Activation, Finish, Format, Isa, Linear, Matrix, Norm,
};
use proptest::prelude::*;
use std::sync::Arc;

const FORMATS: [Format; 8] = [
    Format::F32,
    Format::F16,
    Format::Bf16,
    Format::Q8_0,
    Format::Q5_0,
    Format::Q4_0,
    Format::Q4K,
    Format::Q6K,
];

/// Numbers that look random; equal on every machine.
struct Numbers(u64);

impl Numbers {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between -1 and 1, bell-shaped.
    fn float(&mut self) -> f32 {
        (0..4)
            .map(|_| (self.word() >> 40) as f32 / (1 << 24) as f32 - 0.5)
            .sum::<f32>()
            / 2.0
    }

    fn floats(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.float()).collect()
    }

    /// Bytes of a tensor, as a file of this format might have them.
    fn weights(&mut self, format: Format, out: usize, input: usize) -> Vec<u8> {
        let (weights, bytes) = format.block();
        let scales: &[usize] = match format {
            Format::Q8_0 | Format::Q5_0 | Format::Q4_0 => &[0],
            Format::Q4K => &[0, 2],
            Format::Q6K => &[208],
            _ => &[],
        };
        let mut all = Vec::new();
        for _ in 0..out * input / weights {
            match format {
                Format::F32 => all.extend(self.float().to_le_bytes()),
                Format::F16 => all.extend(f16::from_f32(self.float()).to_le_bytes()),
                Format::Bf16 => all.extend(bf16::from_f32(self.float()).to_le_bytes()),
                _ => {
                    let mut block: Vec<u8> = (0..bytes).map(|_| self.word() as u8).collect();
                    for at in scales {
                        let scale = f16::from_f32(self.float() * 0.01).to_le_bytes();
                        block[*at..at + 2].copy_from_slice(&scale);
                    }
                    all.extend(block);
                }
            }
        }
        all
    }

    fn matrix(&mut self, format: Format, out: usize, input: usize) -> Matrix {
        Matrix::pack(format, &self.weights(format, out, input), out, input).unwrap()
    }

    fn tensor(&mut self, rows: usize, width: usize) -> Tensor {
        Tensor::from_vec(self.floats(rows * width), (rows, width), &Device::Cpu).unwrap()
    }
}

fn floats(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    floats(tensor).iter().map(|x| x.to_bits()).collect()
}

fn rows_of(matrix: &Matrix) -> Vec<Vec<f32>> {
    (0..matrix.out())
        .map(|row| {
            let mut values = vec![0.0; matrix.input()];
            matrix.row(row, &mut values);
            values
        })
        .collect()
}

fn assert_near(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance,
            "{index}: {found}, expected {expected}"
        );
    }
}

/// `x · weightsᵀ` in double precision.
fn product(x: &Tensor, matrix: &Matrix) -> Vec<f32> {
    let weights = rows_of(matrix);
    let x: Vec<Vec<f32>> = x.to_vec2().unwrap();
    x.iter()
        .flat_map(|x| {
            weights.iter().map(move |row| {
                row.iter()
                    .zip(x)
                    .map(|(a, b)| f64::from(*a) * f64::from(*b))
                    .sum::<f64>() as f32
            })
        })
        .collect()
}

#[test]
fn a_row_of_blocks_reads_back_as_candle_dequantises_it() {
    let kinds = [
        (Format::Q8_0, GgmlDType::Q8_0),
        (Format::Q5_0, GgmlDType::Q5_0),
        (Format::Q4_0, GgmlDType::Q4_0),
        (Format::Q4K, GgmlDType::Q4K),
        (Format::Q6K, GgmlDType::Q6K),
    ];
    for (format, kind) in kinds {
        let (out, input) = (21, 512);
        let bytes = Numbers(7).weights(format, out, input);
        let matrix = Matrix::pack(format, &bytes, out, input).unwrap();
        let storage = QStorage::from_data(bytes.into(), &Device::Cpu, kind).unwrap();
        let expected = QTensor::new(storage, (out, input))
            .unwrap()
            .dequantize(&Device::Cpu)
            .unwrap();
        assert_near(&rows_of(&matrix).concat(), &floats(&expected), 1e-6);
    }
}

#[test]
fn products_are_those_of_the_weights_and_the_rounded_activations() {
    for format in FORMATS {
        for (rows, out, input) in [(1, 16, 256), (3, 50, 512), (13, 33, 768)] {
            let mut numbers = Numbers(rows as u64);
            let matrix = Arc::new(numbers.matrix(format, out, input));
            let x = numbers.tensor(rows, input);
            let expected = product(&x, &matrix);
            let size = expected.iter().map(|x| x * x).sum::<f32>().sqrt();
            let found = floats(&linear(&x, &matrix).unwrap());
            let error = found
                .iter()
                .zip(&expected)
                .map(|(a, b)| (a - b) * (a - b))
                .sum::<f32>()
                .sqrt();
            // Activations of 8 bits have a step of 1/127 of the largest of 32; bf16 has 8 bits.
            let allowed = match format {
                Format::F32 | Format::F16 => 1e-6,
                Format::Bf16 => 3e-3,
                _ => 1e-2,
            };
            assert!(error <= allowed * size, "{format:?}: {error} of {size}");
        }
    }
}

#[test]
fn integer_products_are_exact_where_activations_are() {
    // Whole numbers up to 127, of which each 32 contain a 127, are their own codes.
    for format in FORMATS.into_iter().filter(|format| format.is_integer()) {
        let mut numbers = Numbers(5);
        let matrix = Arc::new(numbers.matrix(format, 40, 512));
        let x: Vec<f32> = (0..2 * 512)
            .map(|index| {
                if index % 32 == 5 {
                    127.0
                } else {
                    (numbers.word() % 255) as f32 - 127.0
                }
            })
            .collect();
        let x = Tensor::from_vec(x, (2, 512), &Device::Cpu).unwrap();
        let expected = product(&x, &matrix);
        for isa in Isa::available() {
            let found = with_isa(isa, || floats(&linear(&x, &matrix).unwrap()));
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() <= 1e-5 * expected.abs().max(300.0),
                    "{format:?} {isa:?}"
                );
            }
        }
    }
}

#[test]
fn instruction_sets_agree_to_the_bit_and_in_bf16_closely() {
    for format in FORMATS {
        let mut numbers = Numbers(11);
        let layer = layer(&mut numbers, format, 768);
        let (x, residual) = (numbers.tensor(9, 768), numbers.tensor(9, layer.width()));
        let of = |isa| with_isa(isa, || layer.forward_add(&x, &residual).unwrap());
        let expected = of(Isa::Portable);
        for isa in Isa::available() {
            if format == Format::Bf16 {
                assert_near(&floats(&of(isa)), &floats(&expected), 1e-4);
            } else {
                assert_eq!(bits(&of(isa)), bits(&expected), "{format:?} {isa:?}");
            }
        }
    }
}

/// A projection with everything: norm, two parts, bias, an activation, a last panel that is not full.
fn layer(numbers: &mut Numbers, format: Format, input: usize) -> Linear {
    let parts = [numbers.matrix(format, 40, input), numbers.matrix(format, 23, input)];
    Linear {
        norm: Some(Norm::Rms {
            weight: numbers.floats(input),
            epsilon: 1e-5,
        }),
        weights: Arc::new(Matrix::stack(parts).unwrap()),
        bias: Some(numbers.floats(63)),
        finish: Finish::Activation(Activation::GeluTanh),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_row_does_not_depend_on_the_batch_nor_on_threads(seed: u64, rows in 1..40usize, format in 0..FORMATS.len()) {
        let mut numbers = Numbers(seed);
        let layer = layer(&mut numbers, FORMATS[format], 256);
        let x = numbers.tensor(rows, 256);
        for isa in Isa::available() {
            with_isa(isa, || {
                let all = bits(&layer.forward(&x).unwrap());
                assert_eq!(with_threads(1, || bits(&layer.forward(&x).unwrap())), all);
                let row = seed as usize % rows;
                let alone = bits(&layer.forward(&x.narrow(0, row, 1).unwrap()).unwrap());
                assert_eq!(alone, all[row * layer.width()..][..layer.width()]);
            });
        }
    }
}

#[test]
fn rows_of_a_long_prompt_are_those_of_single_tokens() {
    for format in FORMATS {
        let mut numbers = Numbers(3);
        let layer = layer(&mut numbers, format, 512);
        let x = numbers.tensor(512, 512);
        let all = bits(&layer.forward(&x).unwrap());
        for row in [0, 7, 255, 511] {
            let alone = bits(&layer.forward(&x.narrow(0, row, 1).unwrap()).unwrap());
            assert_eq!(
                alone,
                all[row * layer.width()..][..layer.width()],
                "{format:?} row {row}"
            );
        }
    }
}

#[test]
fn gate_and_up_are_multiplied_after_the_activation() {
    for activation in [Activation::Silu, Activation::Gelu, Activation::GeluTanh] {
        let mut numbers = Numbers(13);
        let (gate, up) = (
            numbers.weights(Format::F32, 40, 64),
            numbers.weights(Format::F32, 40, 64),
        );
        let pack = |bytes: &[u8]| Matrix::pack(Format::F32, bytes, 40, 64).unwrap();
        let x = numbers.tensor(5, 64);
        let apart = |bytes: &[u8]| linear(&x, &Arc::new(pack(bytes))).unwrap();
        let expected = (activate(&apart(&gate), activation).unwrap() * apart(&up)).unwrap();
        let gated = Linear {
            finish: Finish::Gated(activation),
            ..Linear::new(Arc::new(Matrix::pack_gated(Format::F32, &gate, &up, 40, 64).unwrap()))
        };
        assert_eq!(bits(&gated.forward(&x).unwrap()), bits(&expected));
        let rows = [rows_of(&pack(&gate)), rows_of(&pack(&up))].concat();
        assert_eq!(rows_of(&gated.weights), rows);
    }
}

#[test]
fn activations_and_norms_are_the_functions() {
    let x: Vec<f32> = (-400..=400).map(|step| step as f32 * 0.05).collect();
    let tensor = Tensor::new(x.as_slice(), &Device::Cpu).unwrap();
    let through = |activation| floats(&activate(&tensor, activation).unwrap());
    let expected = |f: fn(f64) -> f64| x.iter().map(|x| f(f64::from(*x)) as f32).collect::<Vec<_>>();
    assert_near(&through(Activation::Silu), &expected(|x| x / (1.0 + (-x).exp())), 2e-6);
    assert_near(&through(Activation::Gelu), &floats(&tensor.gelu_erf().unwrap()), 4e-6);
    let tanh = |x: f64| 0.5 * x * (1.0 + (0.797_884_560_802_865_4 * (x + 0.044_715 * x * x * x)).tanh());
    assert_near(&through(Activation::GeluTanh), &expected(tanh), 4e-6);

    let mut numbers = Numbers(17);
    let (x, weight, bias) = (numbers.tensor(3, 70), numbers.floats(70), numbers.floats(70));
    let rms = Norm::Rms {
        weight: weight.clone(),
        epsilon: 1e-5,
    };
    let layer = Norm::Layer {
        weight: weight.clone(),
        bias: bias.clone(),
        epsilon: 1e-5,
    };
    for (row, (rms, layer)) in x.to_vec2::<f32>().unwrap().iter().zip(
        normalise(&x, &rms)
            .unwrap()
            .to_vec2::<f32>()
            .unwrap()
            .iter()
            .zip(normalise(&x, &layer).unwrap().to_vec2::<f32>().unwrap()),
    ) {
        let square = |row: &[f32]| (row.iter().map(|x| x * x).sum::<f32>() / 70.0 + 1e-5).sqrt();
        let mean = row.iter().sum::<f32>() / 70.0;
        let centred: Vec<f32> = row.iter().map(|x| x - mean).collect();
        for index in 0..70 {
            assert!((rms[index] - row[index] / square(row) * weight[index]).abs() < 1e-5);
            let expected = centred[index] / square(&centred) * weight[index] + bias[index];
            assert!((layer[index] - expected).abs() < 1e-5);
        }
    }
}

#[test]
fn what_is_not_a_number_shows_in_its_row_and_no_other() {
    for format in FORMATS {
        let mut numbers = Numbers(19);
        let matrix = Arc::new(numbers.matrix(format, 33, 256));
        let mut x = numbers.floats(3 * 256);
        x[256 + 77] = f32::NAN;
        let x = Tensor::from_vec(x, (3, 256), &Device::Cpu).unwrap();
        let found = floats(&linear(&x, &matrix).unwrap());
        assert!(found[33..66].iter().all(|x| x.is_nan()), "{format:?}");
        assert!(
            found[..33].iter().chain(&found[66..]).all(|x| x.is_finite()),
            "{format:?}"
        );
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    assert!(Matrix::pack(Format::Q8_0, &[0; 34], 1, 31).is_err());
    assert!(Matrix::pack(Format::Q4K, &[0; 143], 1, 256).is_err());
    assert!(Matrix::pack(Format::F32, &[], 0, 4).is_err());
    assert!(Matrix::pack(Format::F32, &[0; 16], usize::MAX / 2, 4).is_err());
    let mut numbers = Numbers(23);
    assert!(Matrix::stack([numbers.matrix(Format::F32, 4, 8), numbers.matrix(Format::F32, 4, 9)]).is_err());
    let matrix = Arc::new(numbers.matrix(Format::F32, 6, 8));
    assert!(linear(&numbers.tensor(2, 9), &matrix).is_err());
    assert!(linear(&numbers.tensor(8, 2).t().unwrap(), &matrix).is_err());
    let gated = Linear {
        finish: Finish::Gated(Activation::Silu),
        ..Linear::new(matrix.clone())
    };
    assert!(gated.forward(&numbers.tensor(2, 8)).is_err());
    let halves = Matrix::pack_gated(Format::F32, &[0; 32], &[0; 32], 1, 8).unwrap();
    assert!(linear(&numbers.tensor(2, 8), &Arc::new(halves)).is_err());
    assert!(Matrix::pack_gated(Format::F32, &[0; 32], &[0; 64], 1, 8).is_err());
    let biased = Linear {
        bias: Some(vec![0.0; 5]),
        ..Linear::new(matrix.clone())
    };
    assert!(biased.forward(&numbers.tensor(2, 8)).is_err());
    let plain = Linear::new(matrix);
    assert!(plain.forward_add(&numbers.tensor(2, 8), &numbers.tensor(2, 5)).is_err());
}
