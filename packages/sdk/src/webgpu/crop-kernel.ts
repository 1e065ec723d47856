/** Threads of a workgroup in each direction. */
const THREADS = 8;

/** Workgroups for a crop of this side, in each direction. */
export function cropWorkgroups(size: number): number {
  return Math.ceil(size / THREADS);
}

/** Bytes of the uniform `Crop`. */
export const CROP_UNIFORM_BYTES = 48;

/**
 * Cuts a crop out of a picture: turned, scaled, bilinear, the mean of several places where it shrinks;
 * beyond the picture its edge is repeated.
 *
 * Bindings: {@link CROP_UNIFORM_BYTES} of `Crop`; the picture; a linear sampler; RGB 0..255, [S,S,3].
 *
 * @param picture - WGSL's type of it
 */
export function cropCode(size: number, picture: 'texture_2d<f32>' | 'texture_external'): string {
  return `
struct Crop {
  /** Of the crop's corner, in pixels of the picture. */
  origin: vec2f,
  /** One pixel of the crop to the right, and one down. */
  right: vec2f,
  down: vec2f,
  /** The last pixel's centre; the first's is 0.5. */
  last: vec2f,
  /** A pixel of the picture in units of the texture. */
  texel: vec2f,
  /** Places in each direction that are averaged for a pixel of the crop. */
  places: u32,
}

@group(0) @binding(0) var<uniform> crop: Crop;
@group(0) @binding(1) var picture: ${picture};
@group(0) @binding(2) var bilinear: sampler;
@group(0) @binding(3) var<storage, read_write> pixels: array<f32>;

@compute @workgroup_size(${THREADS}, ${THREADS})
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (max(at.x, at.y) >= ${size}u) {
    return;
  }
  var sum = vec3f();
  for (var i = 0u; i < crop.places * crop.places; i++) {
    let within = (vec2f(vec2u(i % crop.places, i / crop.places)) + 0.5) / f32(crop.places);
    let place = vec2f(at.xy) + within;
    let there = crop.origin + place.x * crop.right + place.y * crop.down;
    let inside = clamp(there, vec2f(0.5), crop.last);
    sum += textureSampleBaseClampToEdge(picture, bilinear, inside * crop.texel).rgb;
  }
  let colour = sum * (255.0 / f32(crop.places * crop.places));
  let first = (at.y * ${size}u + at.x) * 3u;
  pixels[first] = colour.r;
  pixels[first + 1u] = colour.g;
  pixels[first + 2u] = colour.b;
}
`;
}
