export async function vendorNativePython(_report: (line: string) => void): Promise<void> {}
