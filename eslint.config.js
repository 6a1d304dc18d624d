import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "build/", ".cache/", "artifacts/", "**/generated/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Emscripten's FS, WebAssembly exports and WASI calls need these forms.
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    // The layers: who may import whom is a compile error (tsconfig references); Comlink is the worker's alone.
    files: ["**/*.ts"],
    ignores: ["worker/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { paths: [{ name: "comlink", message: "Only worker/ imports Comlink." }] },
      ],
    },
  },
);
