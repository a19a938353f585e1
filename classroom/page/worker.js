// The worker starts Go on the program that the page sends it, gzipped and in base64; Go then answers its messages.
onmessage = async (event) => {
  try {
    const packed = Uint8Array.from(atob(event.data), (c) => c.charCodeAt(0));
    const unpacked = new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
    const go = new Go();
    const { instance } = await WebAssembly.instantiate(await unpacked.arrayBuffer(), go.importObject);
    await go.run(instance); // which ends only where it fails
    throw new Error("the program has ended, perhaps for want of memory");
  } catch (error) {
    postMessage({ id: 0, error: error.message });
  }
};
