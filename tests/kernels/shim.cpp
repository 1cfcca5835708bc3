// Runs kernels.cu on the CPU, one thread after the other: the file KERNELS, with what CUDA has and C++ lacks.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>

#define __global__
#define __device__ inline

using std::isfinite;
using std::max;
using std::min;

struct Index {
    unsigned x, y, z;
};
static thread_local Index blockIdx, blockDim, threadIdx;

struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(8) uint2 {
    unsigned x, y;
};
template <class T> T __ldg(const T* from) { return *from; }
template <class T> void __stwb(T* to, T value) { *to = value; }

inline float __uint_as_float(unsigned bits) {
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}

inline unsigned __float_as_uint(float value) {
    unsigned bits;
    std::memcpy(&bits, &value, 4);
    return bits;
}

// Halves are scaled by powers of two, which is exact, so that the hardware does the rounding.
inline float half_to_float(unsigned short bits) {
    const unsigned sign = (bits & 0x8000u) << 16, rest = bits & 0x7fffu;
    if (rest >= 0x7c00) return __uint_as_float(sign | 0x7f800000 | rest << 13);
    const int units = (rest & 0x3ff) + (rest >= 0x400 ? 1024 : 0);
    const float size = std::ldexp((float)units, max(1, (int)(rest >> 10)) - 25);
    return __uint_as_float(sign | __float_as_uint(size));
}

inline unsigned short float_to_half(float wide) {
    const unsigned short sign = __float_as_uint(wide) >> 16 & 0x8000;
    if (wide != wide) return 0x7fff;  // As cvt does.
    const float size = std::fabs(wide);
    if (size >= 65520) return sign | 0x7c00;
    const int exponent = std::max(-14, size > 0 ? std::ilogb(size) : -14);
    // Units in the last place of this exponent: 1024 and more of them where the half is normal.
    const int units = (int)std::nearbyint(std::ldexp(size, 10 - exponent));
    return sign | (units + (exponent + 14) * 1024);
}

#include KERNELS

typedef std::map<std::string, void (*)(Job)> Kernels;

template <class Sample, class Real> static void add(Kernels& to, std::string types) {
    to["pack<" + types + ">"] = pack<Sample, Real>;
    to["composite<" + types + ">"] = composite<Sample, Real>;
}

template <class Sample> static void add(Kernels& to, std::string sample) {
    add<Sample, Half>(to, sample + ", Half");
    add<Sample, BFloat16>(to, sample + ", BFloat16");
    add<Sample, float>(to, sample + ", float");
}

static Kernels kernels() {
    Kernels all;
    add<unsigned char>(all, "unsigned char");
    add<unsigned short>(all, "unsigned short");
    add<Half>(all, "Half");
    add<float>(all, "float");
    return all;
}

extern "C" {
size_t job_size() { return sizeof(Job); }
float widen_half(unsigned short bits) { return half_to_float(bits); }
unsigned short narrow_half(float wide) { return float_to_half(wide); }

// False for a kernel that does not exist.
bool launch(const char* name, const unsigned blocks[3], const unsigned block[3], const Job* job) {
    static const auto all = kernels();
    const auto found = all.find(name);
    if (found == all.end()) return false;
    blockDim = {block[0], block[1], block[2]};
    for (blockIdx.z = 0; blockIdx.z < blocks[2]; ++blockIdx.z)
        for (blockIdx.y = 0; blockIdx.y < blocks[1]; ++blockIdx.y)
            for (blockIdx.x = 0; blockIdx.x < blocks[0]; ++blockIdx.x)
                for (threadIdx.z = 0; threadIdx.z < block[2]; ++threadIdx.z)
                    for (threadIdx.y = 0; threadIdx.y < block[1]; ++threadIdx.y)
                        for (threadIdx.x = 0; threadIdx.x < block[0]; ++threadIdx.x) found->second(*job);
    return true;
}
}
