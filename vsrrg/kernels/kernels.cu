// Pack and composite on CUDA: what packing.py and compositing.py do, in one pass each (docs/kernels.md).
//
// Every thread gathers what it needs and writes samples of its own: no shared memory and no barriers, so that
// a C++ compiler can run this file as it is. The arithmetic is float32, operation by operation that of the
// torch reference; it is fused only where fmaf says so. Compile with --fmad=false --ftz=false.
//
// A thread packs 8 cells of 2x2 luma samples, or composites 16 samples of a row: 128 bits of halves in a
// channel, of 8-bit samples in a plane. Where all of them lie inside the frame and everything is aligned
// (WHOLE), it does so at once, and otherwise piece by piece, through the same functions.

constexpr double KR = 0.2126, KG = 0.7152, KB = 0.0722;
constexpr double CB = 2 * (1 - KB), CR = 2 * (1 - KR);
constexpr int CELLS = 8;

// What Python says of a frame; mirrored field by field in cuda.py.
enum Family { GRAY, YUV, RGB };

struct View {
    const void* data;
    long long row, col;  // Strides, in samples.
    int width, height;
};

struct Codes {
    float zero, scale, low, high;
};

struct Job {
    View planes[3];
    View result[3];     // The planes that composite writes.
    View packed;        // Channel 0 of what pack writes, or of the rain layer that composite reads.
    View mask;          // Float32; data is null where the strength is a number.
    long long channel;  // From one channel of `packed` to the next, in samples.
    Codes codes[3];
    float factor[3];  // Strength times scale, where the strength is a number.
    int family, sub_w, sub_h;
    int show_rain;
    int aligned;  // Whether WHOLE is allowed: every row starts at a multiple of 16 bytes, without gaps.
};

// Halves are their bits, so that no header is needed.
struct Half {
    unsigned short bits;
};

struct BFloat16 {
    unsigned short bits;
};

#ifdef __CUDACC__
__device__ float half_to_float(unsigned short bits) {
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(bits));
    return wide;
}

__device__ unsigned short float_to_half(float wide) {
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(wide));
    return bits;
}
#endif

template <class T> constexpr bool is_integer = false;
template <> constexpr bool is_integer<unsigned char> = true;
template <> constexpr bool is_integer<unsigned short> = true;

template <class T> __device__ float widen(T sample) { return sample; }
template <> __device__ float widen(Half sample) { return half_to_float(sample.bits); }
template <> __device__ float widen(BFloat16 sample) { return __uint_as_float((unsigned)sample.bits << 16); }

template <class T> __device__ T narrow(float wide) { return (T)wide; }
template <> __device__ Half narrow(float wide) { return {float_to_half(wide)}; }
template <> __device__ BFloat16 narrow(float wide) {
    const unsigned bits = __float_as_uint(wide);
    const unsigned even = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return {(unsigned short)(wide == wide ? even : 0x7fc0)};
}

// Some samples of a row, and the words that move them: uint4 for 16 bytes or more.
template <class T, int N> struct Chunk {
    T at[N];
};

template <int BYTES> struct Word { typedef uint4 type; };
template <> struct Word<8> { typedef uint2 type; };
template <> struct Word<4> { typedef unsigned type; };

template <int N, class T, class F> __device__ auto map(const Chunk<T, N>& from, F f) {
    Chunk<decltype(f(from.at[0])), N> to;
#pragma unroll
    for (int i = 0; i < N; ++i) to.at[i] = f(from.at[i]);
    return to;
}

template <int N, class T, class F>
__device__ auto zip(const Chunk<T, N>& a, const Chunk<float, N>& b, F f) {
    Chunk<decltype(f(a.at[0], b.at[0])), N> to;
#pragma unroll
    for (int i = 0; i < N; ++i) to.at[i] = f(a.at[i], b.at[i]);
    return to;
}

template <int N> __device__ Chunk<float, N> mean(const Chunk<float, N>& a, const Chunk<float, N>& b) {
    return zip(a, b, [](float x, float y) { return (x + y) * 0.5f; });
}

// Every other sample, from the first or the second on.
template <int N> __device__ Chunk<float, N / 2> phase(const Chunk<float, N>& from, int first) {
    Chunk<float, N / 2> to;
#pragma unroll
    for (int i = 0; i < N / 2; ++i) to.at[i] = from.at[2 * i + first];
    return to;
}

template <int N> __device__ Chunk<float, N / 2> halve(const Chunk<float, N>& from) {
    return mean(phase(from, 0), phase(from, 1));
}

// Row or column i of n, where each of the halvings to come counts an odd last sample twice.
__device__ int fold(int i, int n, int halvings) {
    if (halvings == 2) i = 2 * min(i / 2, (n - 1) / 2) + i % 2;
    return min(i, n - 1);
}

template <bool WHOLE, class T, int N>
__device__ Chunk<T, N> load(const View& from, int x, int y, int halvings = 0) {
    typedef typename Word<sizeof(T) * N>::type Word;
    const T* row = (const T*)from.data + y * from.row;
    Chunk<T, N> to;
    if constexpr (WHOLE) {
        Word words[sizeof(to) / sizeof(Word)];
#pragma unroll
        for (int i = 0; i < sizeof(to) / sizeof(Word); ++i) words[i] = __ldg((const Word*)(row + x) + i);
        memcpy(&to, words, sizeof(to));
    } else {
#pragma unroll
        for (int i = 0; i < N; ++i) to.at[i] = row[fold(x + i, from.width, halvings) * from.col];
    }
    return to;
}

template <bool WHOLE, class T, int N>
__device__ void store(const View& to, int x, int y, const Chunk<T, N>& from) {
    typedef typename Word<sizeof(T) * N>::type Word;
    T* row = (T*)to.data + y * to.row;
    if constexpr (WHOLE) {
        Word words[sizeof(from) / sizeof(Word)];
        memcpy(words, &from, sizeof(from));
#pragma unroll
        for (int i = 0; i < sizeof(from) / sizeof(Word); ++i) __stwb((Word*)(row + x) + i, words[i]);
    } else {
#pragma unroll
        for (int i = 0; i < N; ++i)
            if (x + i < to.width) row[(x + i) * to.col] = from.at[i];
    }
}

__device__ constexpr int shift(int i, int left) { return left < 0 ? i >> -left : i << left; }

// N samples, from x on, of row y of a plane that has 2^-ACROSS and 2^-down times the samples of `from`:
// means, down first, or repeated samples, as resample.py makes them. `f` turns the samples into floats.
template <bool WHOLE, class T, int N, int ACROSS, class F>
__device__ Chunk<float, N> regrid(const View& from, int down, int x, int y, F f) {
    constexpr int M = ACROSS < 0 ? (N + 1) / 2 : N << ACROSS;
    const auto row = [&](int k) {
        return map(load<WHOLE, T, M>(from, shift(x, ACROSS), fold(k, from.height, down), ACROSS), f);
    };
    Chunk<float, M> line;
#pragma unroll 1
    for (int k = 0; k < shift(1, max(down, 0)); k += 2) {
        Chunk<float, M> pair = row(shift(y, down) + k);
        if (down > 0) pair = mean(pair, row(shift(y, down) + k + 1));
        line = k ? mean(line, pair) : pair;
    }
    if constexpr (ACROSS == 2) {
        return halve(halve(line));
    } else if constexpr (ACROSS == 1) {
        return halve(line);
    } else {
        Chunk<float, N> to;
#pragma unroll
        for (int i = 0; i < N; ++i) to.at[i] = line.at[shift(i, ACROSS)];
        return to;
    }
}

// The same for an `across` that is known at run time only: LEAST, or up to 2 more.
template <bool WHOLE, class T, int N, int LEAST, class F>
__device__ Chunk<float, N> regrid(const View& from, int across, int down, int x, int y, F f) {
    if (across == LEAST) return regrid<WHOLE, T, N, LEAST>(from, down, x, y, f);
    if (across == LEAST + 1) return regrid<WHOLE, T, N, LEAST + 1>(from, down, x, y, f);
    return regrid<WHOLE, T, N, LEAST + 2>(from, down, x, y, f);
}

template <class Real> __device__ View channel(const Job& job, int i) {
    View view = job.packed;
    view.data = (const Real*)view.data + i * job.channel;
    return view;
}

template <class Sample> struct Nominal {
    Codes codes;

    __device__ float operator()(Sample sample) const {
        const float value = widen(sample);
        if (is_integer<Sample>) return (value - codes.zero) / codes.scale;
        return isfinite(value) ? value : 0.0f;
    }
};

template <bool WHOLE, class Sample, class Real> __device__ void pack_cells(const Job& job, int x, int y) {
    constexpr int N = WHOLE ? CELLS : 1;
    const auto nominal = [&](int plane, int line) {
        const auto samples = load<WHOLE, Sample, 2 * N>(job.planes[plane], 2 * x, line);
        return map(samples, Nominal<Sample>{job.codes[plane]});
    };
    const auto emit = [&](int i, const Chunk<float, N>& from) {
        store<WHOLE>(channel<Real>(job, i), x, y, map(from, [](float value) { return narrow<Real>(value); }));
    };
    Chunk<float, 2 * N> cb[2], cr[2];
#pragma unroll
    for (int k = 0; k < 2; ++k) {
        const int line = fold(2 * y + k, job.planes[0].height, 1);
        Chunk<float, 2 * N> luma = nominal(0, line);
        if (job.family == RGB) {
            const auto red = luma, green = nominal(1, line), blue = nominal(2, line);
            luma = zip(red, green, [](float r, float g) { return fmaf(g, (float)KG, (float)KR * r); });
            luma = zip(luma, blue, [](float l, float b) { return fmaf(b, (float)KB, l); });
            cb[k] = zip(blue, luma, [](float b, float l) { return (b - l) / (float)CB; });
            cr[k] = zip(red, luma, [](float r, float l) { return (r - l) / (float)CR; });
        }
        emit(2 * k, phase(luma, 0));
        emit(2 * k + 1, phase(luma, 1));
    }
    if (job.family == RGB) {
        emit(4, halve(mean(cb[0], cb[1])));
        emit(5, halve(mean(cr[0], cr[1])));
        return;
    }
#pragma unroll 1
    for (int i = 1; i < 3; ++i) {
        Chunk<float, N> chroma = {};
        const Nominal<Sample> f = {job.codes[i]};
        if (job.family == YUV)
            chroma = regrid<WHOLE, Sample, N, -1>(job.planes[i], 1 - job.sub_w, 1 - job.sub_h, x, y, f);
        emit(3 + i, chroma);
    }
}

template <class Sample, class Real> __global__ void pack(Job job) {
    const int x = (blockIdx.x * blockDim.x + threadIdx.x) * CELLS;
    const int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (y >= job.packed.height) return;
    const bool inside = 2 * (x + CELLS) <= job.planes[0].width;
    if (job.aligned && inside) return pack_cells<true, Sample, Real>(job, x, y);
#pragma unroll 1
    for (int i = x; i < min(x + CELLS, job.packed.width); ++i) pack_cells<false, Sample, Real>(job, i, y);
}

// The nominal rain of N samples of a plane, from an even x on.
template <bool WHOLE, class Real, int N>
__device__ Chunk<float, N> plane_rain(const Job& job, int plane, int x, int y) {
    const auto chroma = [&](int i) {
        const auto f = [](Real rain) { return widen(rain); };
        return regrid<WHOLE, Real, N, -1>(channel<Real>(job, 3 + i), job.sub_w - 1, job.sub_h - 1, x, y, f);
    };
    if (job.family == YUV && plane > 0) return chroma(plane);
    const auto even = load<WHOLE, Real, N / 2>(channel<Real>(job, y % 2 * 2), x / 2, y / 2);
    const auto odd = load<WHOLE, Real, N / 2>(channel<Real>(job, y % 2 * 2 + 1), x / 2, y / 2);
    Chunk<float, N> to;
#pragma unroll
    for (int i = 0; i < N; ++i) to.at[i] = widen(i % 2 ? odd.at[i / 2] : even.at[i / 2]);
    if (job.family != RGB) return to;
#pragma unroll 1
    for (int i = 1; i < 3; ++i) {
        if (i == 1 ? plane == 0 : plane == 2) continue;  // Red has no share of Cb, blue none of Cr.
        const float alpha = i == 1 ? (plane == 1 ? -CB * KB / KG : CB) : (plane == 1 ? -CR * KR / KG : CR);
        to = zip(to, chroma(i), [=](float l, float c) { return fmaf(c, alpha, l); });
    }
    return to;
}

template <class Sample> __device__ Sample subtract(Sample sample, float delta, const Codes& c) {
    const float source = widen(sample);
    const float low = c.low < source ? c.low : source, high = source < c.high ? c.high : source;
    float clean = source - delta;
    if (is_integer<Sample>) clean = rintf(clean);
    clean = clean < low ? low : clean;  // Not fmaxf, which would drop NaN.
    clean = high < clean ? high : clean;
    return delta == 0 ? sample : narrow<Sample>(clean);
}

template <class Sample> __device__ Sample show(float delta, const Codes& c) {
    float shown = delta + c.zero;
    if (is_integer<Sample>) shown = rintf(shown);
    shown = shown < c.low ? c.low : shown;
    return narrow<Sample>(c.high < shown ? c.high : shown);
}

template <bool WHOLE, class Sample, class Real>
__device__ void composite_samples(const Job& job, int i, int x, int y) {
    constexpr int N = WHOLE ? 2 * CELLS : 2;
    const Codes c = job.codes[i];
    Chunk<float, N> delta = plane_rain<WHOLE, Real, N>(job, i, x, y);
    if (!WHOLE && job.mask.data) {
        const int sub_w = i ? job.sub_w : 0, sub_h = i ? job.sub_h : 0;
        const auto mask = regrid<false, float, N, 0>(job.mask, sub_w, sub_h, x, y, [](float m) { return m; });
        delta = zip(delta, mask, [=](float d, float m) { return d * m * c.scale; });
    } else {
        delta = map(delta, [factor = job.factor[i]](float d) { return d * factor; });
    }
    if (job.show_rain) {
        store<WHOLE>(job.result[i], x, y, map(delta, [=](float d) { return show<Sample>(d, c); }));
    } else {
        const auto source = load<WHOLE, Sample, N>(job.planes[i], x, y);
        const auto clean = zip(source, delta, [=](Sample s, float d) { return subtract(s, d, c); });
        store<WHOLE>(job.result[i], x, y, clean);
    }
}

template <class Sample, class Real> __global__ void composite(Job job) {
    const int i = blockIdx.z;
    const int x = (blockIdx.x * blockDim.x + threadIdx.x) * 2 * CELLS, end = x + 2 * CELLS;
    const int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (y >= job.planes[i].height) return;
    const bool inside = end <= job.planes[i].width;
    if (job.aligned && inside) return composite_samples<true, Sample, Real>(job, i, x, y);
#pragma unroll 1
    for (int k = x; k < min(end, job.planes[i].width); k += 2)
        composite_samples<false, Sample, Real>(job, i, k, y);
}
